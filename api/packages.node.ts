/**
 * Resolves imports between drizzle-orm's modules without reading a package.json: they are all ES modules in one folder.
 * Node would read the package.json above them for every import, and drizzle's has 180 KB: that takes 0.8 s and 150 MB
 * of text at every start. Import this file before anything that imports drizzle-orm; a static import beside it is
 * resolved too early.
 */
import { registerHooks } from 'node:module';

/** Packages that consist of ES modules and import their own files by relative paths. */
const PACKAGES = ['drizzle-orm', 'zod', 'hono'].map((name) => `/node_modules/${name}/`);

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL;
    if (!specifier.startsWith('.') || parent === undefined) return next(specifier, context);
    const format = parent.includes('/node_modules/')
      ? PACKAGES.some((each) => parent.includes(each)) && 'module'
      : specifier.endsWith('.ts') && 'module-typescript';
    if (!format) return next(specifier, context);
    return { url: new URL(specifier, parent).href, format, shortCircuit: true };
  },
});
