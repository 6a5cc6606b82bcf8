import { z } from 'zod';

/** The longest address that fits into an SMTP command (RFC 5321 §4.5.3.1.3). */
const LONGEST = 254;
const ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
// A dot-atom (RFC 5322 §3.2.3) and a host name. Quoted local parts, comments and address literals are not accepted, so
// an address has no character that means something in a header or in an SMTP command.
const ADDRESS = new RegExp(`^(?=.{1,64}@)${ATEXT}(?:\\.${ATEXT})*@(?:${LABEL}\\.)*${LABEL}$`);

/** Whether a text is one e-mail address and nothing else. */
export const isAddress = (text: string): boolean => text.length <= LONGEST && ADDRESS.test(text);

/** An e-mail address, in lower case. A domain with other letters than ASCII is written as A-labels (`xn--…`). */
export const MailAddress = z
  .string()
  .max(LONGEST, { abort: true })
  .refine(isAddress, 'must be an e-mail address such as ada@example.com')
  .overwrite((text) => text.toLowerCase());
