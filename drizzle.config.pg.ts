import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './api/store/schema.pg.ts', out: './migrations/pg' });
