import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'sqlite', schema: './migrations/sqlite.cjs', out: './migrations/sqlite' });
