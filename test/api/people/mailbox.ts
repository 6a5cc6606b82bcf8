import { Passwords } from '../../../api/people/passwords.ts';
import { mailContext } from '../../../api/secrets/contexts.ts';
import { Sealer } from '../../../api/secrets/seal.ts';
import { SEALING_KEYS } from '../engine.ts';
import type { Harness } from '../harness.ts';
import { storedPerson } from './stored-person.ts';

interface Mail {
  to: string;
  template: string;
  values: Record<string, string>;
}

/** Hashes passwords at a cost that only tests can accept. */
const cheap = () => new Passwords(true, undefined, { N: 2, r: 1, p: 1 });

/** The mails that the API has queued for people. If it runs in this process, it also hashes passwords quickly. */
export function mailbox(api: Harness) {
  const mails: Mail[] = [];
  const services = api.app?.services;
  if (services) {
    const { mail, people } = services;
    const prepare = mail.prepare.bind(mail);
    Object.assign(people, { passwords: cheap() });
    mail.prepare = (message, expiresAt) => {
      // The values of the mails to people are texts.
      mails.push(message as Mail);
      return prepare(message, expiresAt);
    };
  }

  /** Reads the queue of an API in another process. */
  async function read(): Promise<Mail[]> {
    const { driver } = await api.database();
    const sealer = await Sealer.from(SEALING_KEYS);
    const rows = await driver.all('select id, recipient, template, sealed from mail order by id', []);
    return Promise.all(
      rows.map(async ([id, to, template, sealed]) => ({
        to: String(to),
        template: String(template),
        values: JSON.parse(await sealer.openText(String(sealed), mailContext(String(id)))),
      })),
    );
  }

  const to = async (email: string) => (services ? mails : await read()).filter((mail) => mail.to === email);
  return {
    to,
    /** The code in the last mail to an address. */
    codeFor: async (email: string): Promise<string> => {
      const { code, link } = (await to(email)).at(-1)!.values;
      return code ?? /#code=([\w-]+)/.exec(link!)![1]!;
    },
  };
}
export type Mailbox = ReturnType<typeof mailbox>;

export const PASSWORD = 'correct horse battery';

/** Signs a person up, proves the address and returns the token of a session. */
export async function person(api: Harness, box: Mailbox, email: string, password = PASSWORD): Promise<string> {
  // An API in another process hashes at full cost, which takes a second. A stored hash says what its own cost is.
  if (!api.app) return storedPerson(api, email, await cheap().hash(password));
  await api.post('/v1/auth/sign-up', { email, password }, { token: null });
  const body = { code: await box.codeFor(email), password, credential: 'bearer' };
  return (await api.post('/v1/auth/verify', body, { token: null })).body.token;
}
