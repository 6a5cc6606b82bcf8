import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './migrations/pg.cjs', out: './migrations/pg' });
