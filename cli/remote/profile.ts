import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure, UsageError } from '../process/failure.ts';

/** The API that a command calls, and the token of the caller. */
export interface Profile {
  /** The base URL, without a final slash. */
  url: string;
  token: string;
}

const Url = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
/** The file to which `gatehouse up` writes a profile, unless `--data` names another folder. */
const LOCAL = '.gatehouse/profile.json';
const File = z.strictObject({ url: Url, token: z.string().min(1) });

/**
 * Finds the URL and the token. An option overrides an environment variable, and both override the profile file.
 *
 * The token of a file is sent only to the URL in that file, so that `--url` with a wrong address does not reveal the
 * token.
 *
 * @param options `url`: base URL; `profile`: path of the file
 * @throws UsageError when the URL, the token or the named file is missing, or the URL is malformed
 * @throws Failure when the file is damaged or readable by others
 */
export function readProfile(options: { url?: string; profile?: string }, env = process.env): Profile {
  const named = options.profile ?? env.GATEHOUSE_PROFILE;
  const file = named ?? join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'gatehouse', 'profile.json');
  const given = options.url ?? env.GATEHOUSE_URL;
  const isComplete = given !== undefined && env.GATEHOUSE_TOKEN !== undefined;
  const held = isComplete ? undefined : readFile(file, named !== undefined);
  const url = given === undefined ? held?.url : validUrl(given);
  if (url === undefined)
    throw new UsageError(
      `Which API? Set --url or GATEHOUSE_URL, or name a profile with --profile or GATEHOUSE_PROFILE.${
        existsSync(LOCAL) ? ` \`gatehouse up\` wrote a profile here: --profile ${LOCAL}` : ''
      }`,
    );
  const token = env.GATEHOUSE_TOKEN ?? (held?.url === url ? held.token : undefined);
  if (token === undefined)
    throw new UsageError(
      held
        ? `The token in ${file} is for ${held.url}, not for ${url}. Set GATEHOUSE_TOKEN.`
        : `There is no token for ${url}. Set GATEHOUSE_TOKEN, or name a profile with --profile.`,
    );
  // The token is checked here, because an HTTP client would quote it in its error.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('The token has a character that no token has, such as a line break.');
  return { url, token };
}

function validUrl(text: string): string {
  const url = Url.safeParse(text);
  if (!url.success)
    throw new UsageError(`'${text}' is not a URL of an API. Expected one such as http://127.0.0.1:8480.`);
  return url.data;
}

function readFile(file: string, isRequired: boolean): Profile | undefined {
  let text: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new Failure(`Others may read the token in ${file}. Run \`chmod 600\` on it.`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (isRequired) throw new UsageError(`There is no profile ${file}.`);
    return undefined;
  }
  try {
    return File.parse(JSON.parse(text));
  } catch {
    throw new Failure(`${file} is not a profile. Expected {"url": "http://…", "token": "…"}.`);
  }
}
