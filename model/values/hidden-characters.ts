/**
 * Characters that nobody sees, or that change what is shown around them. Control characters can move the cursor of a
 * terminal and change its title; other directions of writing can make one text look like another.
 */

/** Invisible characters, separators of lines and paragraphs, and characters that change the direction of writing. */
const MISLEADING = String.raw`\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff`;
/** The characters that no line may have, and those that no text may have: the inner part of a class `[…]`. */
export const HIDDEN = {
  inLines: String.raw`\u0000-\u001f\u007f-\u009f${MISLEADING}`,
  inTexts: String.raw`\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f${MISLEADING}`,
};

const hidden = new RegExp(String.raw`[\r${HIDDEN.inTexts}]`, 'g');

/**
 * Replaces hidden characters by escapes such as `\u001b`, so that a terminal does not obey them. Tabs and line feeds
 * stay. A JSON document keeps its value.
 */
export const escapeHidden = (text: string): string =>
  text.replace(hidden, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Replaces hidden characters by `�`. Tabs and line feeds stay. */
export const replaceHidden = (text: string): string => text.replaceAll('\r\n', '\n').replace(hidden, '\ufffd');
