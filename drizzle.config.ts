import { defineConfig } from 'drizzle-kit';

// For drizzle-kit: `bunx drizzle-kit generate --name what_changes` writes the next migration.
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './migrations',
  ...(process.env.DATABASE_URL ? { dbCredentials: { url: process.env.DATABASE_URL } } : {}),
});
