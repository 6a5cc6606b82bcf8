import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../wire/make-folder.node.ts';

const Identity = z.strictObject({
  /** Base URL of the control API at which the agent enrolled. */
  api: z.string(),
  /** The id of the agent. */
  id: z.string(),
  fleet: z.string(),
  /** Ed25519, PKCS #8, base64. It never leaves this file. */
  privateKey: z.string(),
  /** The generation in the last request for a credential. */
  generation: z.int(),
  /** The nonce of that request; absent before the first one. */
  nonce: z.string().optional(),
});
/**
 * What an enrolled agent keeps on its disk: its key, and its last request for a credential. After a restart, the agent
 * repeats this request.
 */
export type Identity = z.infer<typeof Identity>;

/** The file of the identity in the data folder of the agent. */
export const IDENTITY_FILE = 'identity.json';
/** The key of an agent that is enrolling, so that a repeated enrolment has the same key. */
const NEW_KEY_FILE = 'identity.new';

/**
 * Reads the identity in a data folder.
 *
 * @returns undefined when the agent has not enrolled
 * @throws Error when the file cannot be read, or is damaged
 */
export function readIdentity(folder: string): Identity | undefined {
  const file = join(folder, IDENTITY_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return Identity.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // The message of a parser may quote the key, so it is not shown.
    throw new Error(`${file} ${code ? `cannot be read (${code})` : 'is damaged: enrol the agent again'}`);
  }
}

/** Writes the identity to the disk before it returns. After a crash, the file is the former one or the new one. */
export function writeIdentity(folder: string, identity: Identity): void {
  writeDurably(join(folder, IDENTITY_FILE), JSON.stringify(identity));
}

/** Returns the key with which the agent enrols. Until the enrolment is complete, it is the same one at each call. */
export function newKey(folder: string): KeyObject {
  const file = join(folder, NEW_KEY_FILE);
  if (existsSync(file)) return keyOf(readFileSync(file, 'utf8'));
  const { privateKey } = generateKeyPairSync('ed25519');
  makeFolder(folder, 0o700);
  writeDurably(file, textOf(privateKey));
  return privateKey;
}

/** Forgets the key of `newKey`, once the identity contains it. */
export function forgetNewKey(folder: string): void {
  rmSync(join(folder, NEW_KEY_FILE), { force: true });
}

export const keyOf = (text: string): KeyObject =>
  createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });

export const textOf = (key: KeyObject): string => key.export({ format: 'der', type: 'pkcs8' }).toString('base64');

/** Signs a text. Returns the base64 of 64 bytes. */
export const signed = (text: string, key: KeyObject): string => sign(null, Buffer.from(text), key).toString('base64');

function writeDurably(file: string, text: string): void {
  const draft = `${file}.draft`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
