import { defineConfig } from 'drizzle-kit';

// For drizzle-kit, which `bun run db:generate --name what_changes` lets write the next migration.
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './migrations',
  ...(process.env.DATABASE_URL ? { dbCredentials: { url: process.env.DATABASE_URL } } : {}),
});
