import { fileURLToPath } from 'node:url';

/**
 * @param path relative to the root of the checkout, such as `api/main.node.ts`
 * @returns the absolute path of that file
 */
export const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
