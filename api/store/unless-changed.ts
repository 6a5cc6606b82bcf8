import type { Driver, Statement } from './driver.ts';
import { brokenGuard, violation } from './violation.ts';

/**
 * Runs a batch with a guard that something is still as it was read.
 *
 * @param isRefusal recognizes other errors that mean the same
 * @returns false when it has changed, so that the batch wrote nothing
 */
export async function unlessChanged(
  driver: Pick<Driver, 'batch'>,
  batch: Statement[],
  isRefusal: (error: unknown) => boolean = () => false,
): Promise<boolean> {
  try {
    await driver.batch(batch);
    return true;
  } catch (error) {
    if (brokenGuard(violation(error)) === 'version' || isRefusal(error)) return false;
    throw error;
  }
}
