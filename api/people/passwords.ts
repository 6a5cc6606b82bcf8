import { Problem } from '../problem.ts';
import { COMMON } from './common-passwords.ts';

/** The cost of scrypt: 16 MB and about 0.1 s. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const MOST_MEMORY = 64 * 1024 * 1024;
const BYTES = 32;
/** The number of passwords that a process hashes at once, and how many requests may wait for that. */
const AT_ONCE = 2;
const MOST_WAITING = 50;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Hashes and compares passwords. Node does this outside of the thread that answers requests. Two at a time, so that
 * file access and name resolution, which use the same threads, continue.
 */
export class Passwords {
  readonly #isQueued: boolean;
  readonly #isBreached: ((password: string) => boolean) | undefined;
  readonly #cost: typeof COST;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** The hash that is compared when there is no person. No password matches it. */
  readonly #nobody: string;

  /**
   * @param isQueued whether requests may wait for each other
   * @param isBreached whether a password is in the operator's list of breached passwords
   * @param cost the cost of new hashes; tests pass a lower one
   */
  constructor(isQueued: boolean, isBreached?: (password: string) => boolean, cost = COST) {
    this.#isQueued = isQueued;
    this.#isBreached = isBreached;
    this.#cost = cost;
    this.#nobody = format(new Uint8Array(16), new Uint8Array(BYTES), cost);
  }

  /**
   * Checks that attackers do not try this password first.
   *
   * @param of words about the person, such as the address
   * @throws Problem `invalid-request`
   */
  requireUncommon(password: string, of: readonly string[]): void {
    const plain = password.toLowerCase();
    const words = of.flatMap((word) => [word, word.split('@')[0]!]).map((word) => word.toLowerCase());
    const isGuessable = COMMON.has(plain) || words.includes(plain) || /^(.{1,3}?)\1+$/u.test(plain);
    if (!isGuessable && !this.#isBreached?.(password)) return;
    throw new Problem('invalid-request', {
      violations: [
        {
          path: '/password',
          pointer: '/password',
          code: 'common-password',
          message: 'is a password that attackers try first; choose a longer or a rarer one',
        },
      ],
    });
  }

  /** @returns the hash, with its parameters */
  async hash(password: string): Promise<string> {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    return format(salt, await this.#derive(password, salt, this.#cost), this.#cost);
  }

  /**
   * Compares a password with a hash. Without a hash it takes the same time.
   *
   * @throws Error when the hash has another form
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const { salt, key, cost } = parse(hash ?? this.#nobody);
    const derived = await this.#derive(password, salt, cost);
    return isSame(derived, key) && hash !== undefined;
  }

  async #derive(password: string, salt: Bytes, cost: typeof COST): Promise<Bytes> {
    if (!this.#isQueued) return scrypt(password, salt, cost);
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING)
        throw new Problem('unavailable', {
          detail: 'too many people are signing in at this moment',
          headers: { 'retry-after': '5' },
        });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await scrypt(password, salt, cost);
    } finally {
      // The next request takes over the place of this one.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** Node and workerd both have this module. A file that imports it could not be loaded elsewhere. */
function scrypt(password: string, salt: Bytes, cost: typeof COST): Promise<Bytes> {
  const { scrypt: derive } = process.getBuiltinModule('node:crypto');
  return new Promise((resolve, reject) =>
    derive(password, salt, BYTES, { ...cost, maxmem: MOST_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(new Uint8Array(key)),
    ),
  );
}

const encode = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes));
const decode = (text: string): Bytes => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

function format(salt: Bytes, key: Bytes, { N, r, p }: typeof COST): string {
  return `scrypt$${N}$${r}$${p}$${encode(salt)}$${encode(key)}`;
}

function parse(text: string): { salt: Bytes; key: Bytes; cost: typeof COST } {
  const [algorithm, n, r, p, salt, key] = text.split('$');
  if (algorithm !== 'scrypt' || salt === undefined || key === undefined)
    throw new Error(`a stored password has the unknown form ${algorithm}`);
  return { salt: decode(salt), key: decode(key), cost: { N: Number(n), r: Number(r), p: Number(p) } };
}

/** Compares in a time that does not depend on where the difference is. */
function isSame(one: Bytes, other: Bytes): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one[i]! ^ (other[i] ?? 0);
  return difference === 0;
}
