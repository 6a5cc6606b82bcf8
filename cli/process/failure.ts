/** An error that the user can act on. It is printed as it is, without a stack. */
export class Failure extends Error {
  override name = 'Failure';
  /** Lines that explain it, such as the end of a child's log. */
  readonly details: string[];

  constructor(message: string, details: string[] = []) {
    super(message);
    this.details = details;
  }
}

/** What the user typed or set cannot be meant. */
export class Usage extends Failure {
  override name = 'Usage';
}

/** The user pressed Ctrl-C or the process was asked to end. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
