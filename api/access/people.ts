/** A person whom the credential of a request identifies: a session cookie, or a bearer session. */
interface SignedIn {
  /** The id of the person. */
  readonly person: string;
  /** The id of the session. */
  readonly session: string;
}

/** What authorization needs to know about people. */
export interface People {
  /**
   * Finds the person who signed in.
   *
   * @param now the current time in milliseconds since 1970
   * @returns undefined when the request has no credential of a person
   * @throws Problem `unauthorized` when it has one that is not valid
   */
  authenticate(headers: Headers, now: number): Promise<SignedIn | undefined>;
}
