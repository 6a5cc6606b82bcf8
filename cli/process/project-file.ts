import { fileURLToPath } from 'node:url';

/**
 * Resolves a path in the checkout.
 *
 * @param path the path relative to the root, such as `api/main.node.ts`
 * @returns the absolute path of that file
 */
export const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
