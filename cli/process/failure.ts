/** An error that the user can correct. The message is printed unchanged, without a stack. */
export class Failure extends Error {
  override name = 'Failure';
  /** Lines that explain the error, such as the end of a child's log. */
  readonly details: string[];

  constructor(message: string, details: string[] = []) {
    super(message);
    this.details = details;
  }
}

/** An error in the arguments, options or environment variables that the user chose. */
export class UsageError extends Failure {
  override name = 'UsageError';
}

/** The user pressed Ctrl-C, or the process received another signal to end. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
