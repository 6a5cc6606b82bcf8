/**
 * Another writer published first, or the fleets changed, so the result of this attempt is out of date. Only `settled`
 * catches this error, and no response reports it.
 */
export class LostRace extends Error {
  /** The tenants whose writers were first, as far as they are known. */
  readonly winners: readonly string[];

  constructor(winners: readonly string[] = []) {
    super();
    this.winners = winners;
  }
}
