/** The schemas of texts that people read, such as names and descriptions. */
import { z } from 'zod';
import { HIDDEN, replaceHidden } from './hidden-characters.ts';

const ONE_LINE = new RegExp(`^[^${HIDDEN.inLines}]*$`);
const SEVERAL_LINES = new RegExp(`^[^${HIDDEN.inTexts}]*$`);

/** Makes the schema of one line. @param max the largest number of UTF-16 code units */
export const line = (max: number) => z.string().max(max).regex(ONE_LINE, 'must be one line without control characters');

/** Makes the schema of a text with any number of lines. @param max the largest number of UTF-16 code units */
export const lines = (max: number) => z.string().max(max).regex(SEVERAL_LINES, 'must not have control characters');

/**
 * Makes the schema of a text that an agent passes on, such as Envoy's words. A report must not be lost for a character,
 * so `�` replaces hidden ones.
 *
 * @param max the largest number of UTF-16 code units
 */
export const reportedText = (max: number) => z.string().max(max).overwrite(replaceHidden);
