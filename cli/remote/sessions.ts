import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../process/failure.ts';
import { configFolder, readPrivate, writePrivate } from './private-file.ts';

const File = z.object({
  url: z.string(),
  token: z.string().min(1),
  /** Who is signed in. */
  email: z.string(),
  signedInAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** A session of a person at one API, as `gatehouse login` stores it. */
export type StoredSession = z.infer<typeof File>;

/** The sessions of the user, in one file per API. */
export class Sessions {
  readonly #folder: string;

  constructor(env: Record<string, string | undefined> = process.env) {
    this.#folder = join(configFolder(env), 'sessions');
  }

  /** Finds the session at an API. */
  find(url: string): StoredSession | undefined {
    return this.#read(this.#fileOf(url));
  }

  /** Finds the session that began last. */
  latest(): StoredSession | undefined {
    return this.#files()
      .flatMap((file) => this.#read(join(this.#folder, file)) ?? [])
      .toSorted((a, b) => Date.parse(a.signedInAt) - Date.parse(b.signedInAt))
      .at(-1);
  }

  /** Stores a session. It replaces the one at the same API. */
  keep(session: StoredSession): void {
    writePrivate(this.#fileOf(session.url), `${JSON.stringify(session, null, 2)}\n`);
  }

  remove(url: string): void {
    rmSync(this.#fileOf(url), { force: true });
  }

  #fileOf = (url: string): string => join(this.#folder, `${encodeURIComponent(url)}.json`);

  #files(): string[] {
    try {
      return readdirSync(this.#folder).filter((file) => file.endsWith('.json'));
    } catch {
      return [];
    }
  }

  #read(file: string): StoredSession | undefined {
    const text = readPrivate(file);
    if (text === undefined) return undefined;
    try {
      return File.parse(JSON.parse(text));
    } catch {
      throw new Failure(`${file} is damaged. Delete it, and run \`gatehouse login\`.`);
    }
  }
}
