import { z } from 'zod';
import { line } from '../../../model/values/shown-text.ts';

/** A part of a message: a paragraph, or a link on a line of its own. */
export type Block = string | { link: string; label: string };

/** One kind of message. Texts and HTML are both made from its blocks. */
export interface Template<Values extends z.ZodObject> {
  /** The values that the message needs. They are checked before the message is queued. */
  values: Values;
  /**
   * How long a message waits for a mail server that does not answer, in milliseconds; at most as long as its link
   * works.
   */
  expiresIn: number;
  subject(values: z.output<Values>): string;
  blocks(values: z.output<Values>): Block[];
}

export const template = <Values extends z.ZodObject>(definition: Template<Values>): Template<Values> => definition;

export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;

/** A text without line breaks and other control characters, so that it can be part of a header. */
export const Line = line(1000).min(1);

/** An absolute URL that a browser opens. */
export const Link = z
  .string()
  .max(2048)
  .refine(
    (text) => /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text),
    'must be a URL such as https://example.com/',
  );
