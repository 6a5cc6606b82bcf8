import { type AccountKey, externalBinding } from './jws.ts';
import { AcmeError, type AcmeProblemDocument, AttemptFailed } from './problem.ts';

/** How long a request may take, in milliseconds. */
const TIMEOUT = 30_000;
/** The largest response, in bytes. */
const MOST_BYTES = 1 << 20;
/** How often a request is repeated whose nonce the authority does not accept. */
const NONCES = 10;
/** How long nothing new is requested of an authority that did not answer, in milliseconds. */
const AWAY = 30_000;

interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  /** Absent when the authority does not say when certificates should be renewed. */
  renewalInfo?: string;
}

export interface Order {
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  authorizations: string[];
  finalize: string;
  certificate?: string;
  error?: AcmeProblemDocument;
}

export interface Challenge {
  type: string;
  url: string;
  token?: string;
  status: string;
  error?: AcmeProblemDocument;
}

export interface Authorization {
  status: string;
  challenges: Challenge[];
}

export interface Account {
  url: string;
  key: AccountKey;
}

/** When a certificate should be renewed. Times are milliseconds since 1970. */
interface RenewalInfo {
  window: { start: number; end: number };
  /** When to ask again. */
  retryAt?: number;
}

interface Answer<T> {
  body: T;
  location: string | null;
}

/**
 * A client of one certificate authority (ACME, RFC 8555). Each method is one request, so that a caller can store its
 * progress in between. It uses only `fetch` and WebCrypto, which every runtime has.
 */
export class Authority {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #clock: () => number;
  #directory: Directory | undefined;
  #nonces: string[] = [];
  #awayUntil = 0;

  constructor(url: string, clock: () => number, fetcher: typeof fetch = (...request) => fetch(...request)) {
    this.#url = url;
    this.#clock = clock;
    this.#fetch = fetcher;
  }

  /** Whether the last request got an answer; true if there was none. */
  get hasAnswered(): boolean {
    return this.#awayUntil === 0;
  }

  /** Whether the last request got no answer, a short time ago. */
  get isAway(): boolean {
    return this.#clock() < this.#awayUntil;
  }

  /** Creates an account, or finds the one that the key has. @param binding external account binding, as in the settings */
  async createAccount(key: AccountKey, contact: string | undefined, binding: string | undefined): Promise<Account> {
    const { newAccount } = await this.#find();
    const payload = {
      termsOfServiceAgreed: true,
      ...(contact !== undefined && { contact: [`mailto:${contact}`] }),
      ...(binding !== undefined && {
        externalAccountBinding: await externalBinding(binding, newAccount, key.public),
      }),
    };
    const { location } = await this.#post<object>(newAccount, payload, key, { jwk: key.public });
    return { key, url: required(location, 'the URL of the account') };
  }

  /** Orders a certificate for a name. @param replaces the id of the certificate that it replaces (RFC 9773 §5) */
  async order(account: Account, name: string, replaces: string | undefined): Promise<Order & { url: string }> {
    const { newOrder } = await this.#find();
    const payload = { identifiers: [{ type: 'dns', value: name }], ...(replaces !== undefined && { replaces }) };
    const { body, location } = await this.#as<Order>(account, newOrder, payload);
    return { ...body, url: required(location, 'the URL of the order') };
  }

  async readOrder(account: Account, url: string): Promise<Order> {
    return (await this.#as<Order>(account, url, undefined)).body;
  }

  async readAuthorization(account: Account, url: string): Promise<Authorization> {
    return (await this.#as<Authorization>(account, url, undefined)).body;
  }

  /** Tells the authority that its challenge is answered, unless it knows that already: a process may have ended then. */
  async accept(account: Account, challengeUrl: string): Promise<void> {
    const { body } = await this.#as<Challenge>(account, challengeUrl, undefined);
    if (body.status === 'pending') await this.#as(account, challengeUrl, {});
  }

  /** @param csr DER of a certificate signing request */
  async finalize(account: Account, url: string, csr: Uint8Array): Promise<void> {
    await this.#as(account, url, { csr: csr.toBase64({ alphabet: 'base64url', omitPadding: true }) });
  }

  /** Reads a certificate chain, as PEM. */
  async download(account: Account, url: string): Promise<string> {
    return (await this.#as<string>(account, url, undefined)).body;
  }

  /** Whether the authority says when certificates should be renewed, and knows what orders replace (RFC 9773). */
  async knowsRenewals(): Promise<boolean> {
    return (await this.#find()).renewalInfo !== undefined;
  }

  /**
   * Asks when a certificate should be renewed (RFC 9773).
   *
   * @returns `retryAt`: when to ask again. Undefined when the authority does not say
   */
  async renewalInfo(certificateId: string): Promise<RenewalInfo | undefined> {
    const { renewalInfo } = await this.#find();
    if (renewalInfo === undefined) return undefined;
    const response = await this.#request(`${renewalInfo}/${certificateId}`, { method: 'GET' });
    const { suggestedWindow: { start = '', end = '' } = {} } = JSON.parse(response.text) as {
      suggestedWindow?: { start?: string; end?: string };
    };
    const window = { start: Date.parse(start), end: Date.parse(end) };
    if (!(window.start <= window.end)) return undefined;
    const retryAfter = retryAt(response.headers.get('retry-after'), this.#clock());
    return { window, ...(retryAfter !== undefined && { retryAt: retryAfter }) };
  }

  #as<T>(account: Account, url: string, payload: unknown): Promise<Answer<T>> {
    return this.#post(url, payload, account.key, { kid: account.url });
  }

  async #post<T>(
    url: string,
    payload: unknown,
    key: AccountKey,
    signer: Parameters<AccountKey['sign']>[0] extends infer H ? Omit<H & object, 'url' | 'nonce'> : never,
  ): Promise<Answer<T>> {
    for (let tries = 1; ; tries++) {
      const nonce = this.#nonces.pop() ?? (await this.#newNonce());
      const header = { url, nonce, ...signer } as Parameters<AccountKey['sign']>[0];
      try {
        const { text, headers } = await this.#request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/jose+json' },
          body: await key.sign(header, payload),
        });
        const isJson = headers.get('content-type')?.includes('json');
        return { body: (isJson ? JSON.parse(text || '{}') : text) as T, location: headers.get('location') };
      } catch (error) {
        if (!(error instanceof AcmeError) || error.type !== 'badNonce' || tries === NONCES) throw error;
      }
    }
  }

  async #find(): Promise<Directory> {
    this.#directory ??= JSON.parse((await this.#request(this.#url, { method: 'GET' })).text) as Directory;
    return this.#directory;
  }

  async #newNonce(): Promise<string> {
    const { newNonce } = await this.#find();
    await this.#request(newNonce, { method: 'HEAD' });
    return required(this.#nonces.pop(), 'a nonce');
  }

  async #request(url: string, init: RequestInit): Promise<{ text: string; headers: Headers }> {
    if (!url.startsWith('https://')) throw new AttemptFailed('the authority named a URL that is not https');
    const sent = this.#fetch(url, {
      ...init,
      headers: { 'user-agent': 'gatehouse', ...init.headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const response = await sent.catch((error: unknown) => {
      this.#awayUntil = this.#clock() + AWAY;
      throw error;
    });
    this.#awayUntil = 0;
    const nonce = response.headers.get('replay-nonce');
    if (nonce !== null && this.#nonces.length < 20) this.#nonces.push(nonce);
    const text = await textOf(response);
    if (response.ok) return { text, headers: response.headers };
    const isProblem = response.headers.get('content-type')?.includes('problem+json');
    throw new AcmeError(
      response.status,
      isProblem ? (JSON.parse(text) as AcmeProblemDocument) : undefined,
      retryAt(response.headers.get('retry-after'), this.#clock()),
    );
  }
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_BYTES) throw new AttemptFailed('the response of the authority is too large');
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}

/** Reads `Retry-After`, which has seconds or a date. */
function retryAt(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const at = /^\d+$/.test(header) ? now + Number(header) * 1000 : Date.parse(header);
  return Number.isFinite(at) ? at : undefined;
}

function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined)
    throw new AttemptFailed(`the authority sent no ${what.replace(/^the |^a /, '')}`);
  return value;
}
