/**
 * The schemas of texts that people read, such as names and descriptions. Control characters can change what a terminal
 * shows, and other directions of writing can make one text look like another.
 */
import { z } from 'zod';

/** Invisible characters, separators of lines and paragraphs, and characters that change the direction of writing. */
const MISLEADING = String.raw`\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff`;
const ONE_LINE = new RegExp(String.raw`^[^\u0000-\u001f\u007f-\u009f${MISLEADING}]*$`);
const SEVERAL_LINES = new RegExp(String.raw`^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f${MISLEADING}]*$`);

/** Makes the schema of one line. @param max the largest number of UTF-16 code units */
export const line = (max: number) => z.string().max(max).regex(ONE_LINE, 'must be one line without control characters');

/** Makes the schema of a text with any number of lines. @param max the largest number of UTF-16 code units */
export const lines = (max: number) => z.string().max(max).regex(SEVERAL_LINES, 'must not have control characters');
