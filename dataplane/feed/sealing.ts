import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../wire/make-folder.node.ts';
import type { Log } from '../log.ts';

const IV = 12;
const TAG = 16;
/** The base64 of 32 bytes. */
const KEY = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Encrypts the private keys on the agent's disk with AES-256-GCM (NIST SP 800-38D). The owner of a key, such as
 * `acme/www-cert`, is authenticated with it, so a sealed key cannot be moved to another owner.
 */
export class Seal {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== 32) throw new Error(`a sealing key is 32 bytes, this one is ${key.length}`);
    this.#key = key;
  }

  /**
   * Uses the given key, or else the key in the file `agent.key` of the folder. If there is no such file, or it contains no
   * valid key, this function creates a key and writes it into the file with mode 0600. The agent then pulls the sealed
   * data from the API again.
   *
   * @param given the base64 of 32 bytes
   * @throws Error when the given key is not 32 bytes, or the file cannot be read or written
   */
  static open(folder: string, given: string | undefined, log: Log): Seal {
    if (given) return new Seal(Buffer.from(given, 'base64'));
    const file = join(folder, 'agent.key');
    const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
    if (text === undefined || !KEY.test(text)) {
      if (text !== undefined) log.error({ file }, "the agent's key is damaged: making a new one");
      return new Seal(makeKey(folder, file));
    }
    chmodSync(file, 0o600);
    return new Seal(Buffer.from(text, 'base64'));
  }

  /**
   * Encrypts a secret.
   *
   * @param owner the tenant and the name of the certificate: `<tenant>/<certificate>`
   * @returns iv (12 bytes) ‖ tag (16 bytes) ‖ ciphertext
   */
  close(text: string, owner: string): Buffer {
    const iv = randomBytes(IV);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]);
  }

  /** Decrypts a secret. @throws Error when another key or owner sealed it, or when it has been altered */
  open(sealed: Buffer, owner: string): string {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, IV)).setAAD(Buffer.from(owner));
    decipher.setAuthTag(sealed.subarray(IV, IV + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(IV + TAG)), decipher.final()]).toString('utf8');
  }
}

/** Writes the file completely, or leaves it unchanged. */
function makeKey(folder: string, file: string): Buffer {
  const key = randomBytes(32);
  makeFolder(folder, 0o700);
  writeFileSync(`${file}.new`, key.toString('base64'), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return key;
}
