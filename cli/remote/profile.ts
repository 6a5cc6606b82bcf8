import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure, UsageError } from '../process/failure.ts';
import { configFolder, readPrivate } from './private-file.ts';
import { Sessions } from './sessions.ts';

/** The API that a command calls, and the token of the caller. */
export interface Profile {
  /** The base URL, without a final slash. */
  url: string;
  token: string;
}

/** The options and the environment that choose an API. */
interface Choice {
  url?: string;
  profile?: string;
}
type Environment = Record<string, string | undefined>;

const Url = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
/** The file to which `gatehouse up` writes a profile, unless `--data` names another folder. */
const LOCAL = '.gatehouse/profile.json';
const File = z.strictObject({ url: Url, token: z.string().min(1) });

/**
 * Finds the URL and the token. An option overrides an environment variable, and both override what is stored: the named
 * profile; otherwise the session of `gatehouse login`; otherwise the profile in the config folder.
 *
 * A stored token is sent only to its own URL, so that `--url` with a wrong address does not reveal the token.
 *
 * @param options `url`: base URL; `profile`: path of the file
 * @throws UsageError when the URL, the token or the named file is missing, or the URL is malformed
 * @throws Failure when the session has expired, or a file is damaged or readable by others
 */
export function readProfile(options: Choice, env: Environment = process.env): Profile {
  const given = givenUrl(options, env);
  const isComplete = given !== undefined && env.GATEHOUSE_TOKEN !== undefined;
  const stored = isComplete ? undefined : storedFor(options, env, given);
  const url = given ?? stored?.url;
  if (url === undefined) throw unknownUrl();
  if (
    env.GATEHOUSE_TOKEN === undefined &&
    stored?.expiresAt !== undefined &&
    Date.parse(stored.expiresAt) <= Date.now()
  )
    throw new Failure(`Your session at ${stored.url} has expired. Run \`gatehouse login --url ${stored.url}\`.`);
  const token = env.GATEHOUSE_TOKEN ?? (stored?.url === url ? stored.token : undefined);
  if (token === undefined)
    throw new UsageError(
      stored
        ? `The token in ${stored.file} is for ${stored.url}, not for ${url}. Set GATEHOUSE_TOKEN, or run \`gatehouse login --url ${url}\`.`
        : `There is no token for ${url}. Run \`gatehouse login --url ${url}\`, set GATEHOUSE_TOKEN, or name a profile with --profile.`,
    );
  // The token is checked here, because an HTTP client would quote it in its error.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('The token has a character that no token has, such as a line break.');
  return { url, token };
}

/**
 * Finds the URL for a command that needs no token.
 *
 * @throws UsageError when the URL is missing or malformed
 */
export function readUrl(options: Choice, env: Environment = process.env): string {
  const url = findUrl(options, env);
  if (url === undefined) throw unknownUrl();
  return url;
}

/**
 * Finds the URL, like `readUrl`.
 *
 * @returns undefined when no URL is given or stored
 * @throws UsageError when the URL is malformed
 */
export const findUrl = (options: Choice, env: Environment = process.env): string | undefined =>
  givenUrl(options, env) ?? storedFor(options, env)?.url;

function givenUrl(options: Choice, env: Environment): string | undefined {
  const text = options.url ?? env.GATEHOUSE_URL;
  if (text === undefined) return undefined;
  const url = Url.safeParse(text);
  if (!url.success)
    throw new UsageError(`'${text}' is not a URL of an API. Expected one such as http://127.0.0.1:8480.`);
  return url.data;
}

const unknownUrl = () =>
  new UsageError(
    `Which API? Set --url or GATEHOUSE_URL, or name a profile with --profile or GATEHOUSE_PROFILE.${
      existsSync(LOCAL) ? ` \`gatehouse up\` wrote a profile here: --profile ${LOCAL}` : ''
    }`,
  );

interface Stored extends Profile {
  /** The file that contains the token. Absent for a session, which is found by its URL. */
  file?: string;
  /** When the session expires. Absent for a profile. */
  expiresAt?: string;
}

/** Finds a token that was stored, preferably one for this URL. */
function storedFor(options: Choice, env: Environment, url?: string): Stored | undefined {
  const named = options.profile ?? env.GATEHOUSE_PROFILE;
  if (named !== undefined) {
    const profile = readFile(named);
    if (!profile)
      throw new UsageError(
        `There is no profile ${named}. --profile and GATEHOUSE_PROFILE name a file with {"url": "http://…", "token": "…"}.`,
      );
    return profile;
  }
  const sessions = new Sessions(env);
  const session = url === undefined ? sessions.latest() : sessions.find(url);
  return session ?? readFile(join(configFolder(env), 'profile.json'));
}

function readFile(file: string): Stored | undefined {
  const text = readPrivate(file);
  if (text === undefined) return undefined;
  try {
    return { ...File.parse(JSON.parse(text)), file };
  } catch {
    throw new Failure(`${file} is not a profile. Expected {"url": "http://…", "token": "…"}.`);
  }
}
