import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IV = 12;
const TAG = 16;

/** Keeps private keys sealed on the agent's disk: AES-256-GCM (NIST SP 800-38D), bound to what they belong to. */
export class Seal {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== 32) throw new Error(`a sealing key is 32 bytes, this one is ${key.length}`);
    this.#key = key;
  }

  /** The key given, else the one in `folder`, else a new one written there with mode 0600. */
  static open(folder: string, given?: string): Seal {
    if (given) return new Seal(Buffer.from(given, 'base64'));
    const file = join(folder, 'agent.key');
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
    }
    chmodSync(file, 0o600);
    return new Seal(Buffer.from(readFileSync(file, 'utf8').trim(), 'base64'));
  }

  /** @returns iv ‖ tag ‖ ciphertext */
  close(text: string, owner: string): Buffer {
    const iv = randomBytes(IV);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]);
  }

  /** @throws Error when it was sealed by another key, for another owner, or has been altered */
  open(sealed: Buffer, owner: string): string {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, IV)).setAAD(Buffer.from(owner));
    decipher.setAuthTag(sealed.subarray(IV, IV + TAG));
    return Buffer.concat([decipher.update(sealed.subarray(IV + TAG)), decipher.final()]).toString('utf8');
  }
}
