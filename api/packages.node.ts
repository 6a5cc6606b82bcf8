/**
 * Import this file before anything that imports drizzle-orm; a static import beside it is resolved too early. Node would
 * read the package.json above drizzle-orm's modules for every import between them, and it has 180 KB: that takes 0.8 s
 * and 150 MB of text at every start.
 */
import { resolveDirectly } from '../wire/resolve.node.ts';

resolveDirectly(['drizzle-orm', 'zod', 'hono']);
