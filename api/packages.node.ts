/**
 * Import this file before every module that imports drizzle-orm, and import those modules dynamically, because a static
 * import is resolved too early. Without this file, Node reads the package.json of drizzle-orm, which has 180 KB, for
 * every import between its modules. This takes 0.8 s and 150 MB of text at every start.
 */
import { resolveDirectly } from '../wire/resolve.node.ts';

resolveDirectly(['drizzle-orm', 'zod', 'hono']);
