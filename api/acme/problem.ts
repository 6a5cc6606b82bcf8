/** A problem document of a certificate authority (RFC 8555 §6.7). */
export interface AcmeProblemDocument {
  type?: string;
  detail?: string;
  subproblems?: AcmeProblemDocument[];
}

const PREFIX = 'urn:ietf:params:acme:error:';

/** The longest text of an authority that is stored and shown. */
const MOST_WORDS = 500;

/** An attempt failed for a reason that the tenant may read. Other errors may contain what belongs to the operator. */
export class AttemptFailed extends Error {}

/** The authority answered a request with an error. */
export class AcmeError extends Error {
  /** The type without its common prefix, such as `rateLimited`. */
  readonly type: string;
  readonly status: number;
  /** When the authority accepts the request again, in milliseconds since 1970; undefined when it does not say. */
  readonly retryAt: number | undefined;

  constructor(status: number, problem: AcmeProblemDocument | undefined, retryAt: number | undefined) {
    super(problem ? wordsOf(problem) : `the authority answered ${status}`);
    this.type = typeOf(problem);
    this.status = status;
    this.retryAt = retryAt;
  }
}

const typeOf = (problem: AcmeProblemDocument | undefined): string => String(problem?.type ?? '').replace(PREFIX, '');

/** Writes a problem of an authority in one line. */
export function wordsOf(problem: AcmeProblemDocument): string {
  const parts = [problem, ...(problem.subproblems ?? [])].flatMap(({ type, detail }) => {
    const kind = typeOf({ ...(type !== undefined && { type }) });
    return detail ? [kind ? `${kind}: ${detail}` : detail] : kind ? [kind] : [];
  });
  const line = parts.join('; ').replace(/\p{Cc}+/gu, ' ');
  return line.length > MOST_WORDS ? `${line.slice(0, MOST_WORDS)}…` : line || 'the authority gave no reason';
}
