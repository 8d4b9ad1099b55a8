// Makes types of the API's document, as `npx openapi-typescript URL -o FILE` does: `bun make-types.ts URL FILE`.
import ts from 'typescript-5';

const [url = '', file = ''] = process.argv.slice(2);

// It builds its types with TypeScript's own functions, which TypeScript has up to 6 only: beside ours it gets a 5.
Bun.plugin({
  name: 'typescript 5',
  setup: (build) => {
    build.module('typescript', () => ({ exports: { default: ts }, loader: 'object' }));
  },
});
const { astToString, default: openapiTS } = await import('openapi-typescript');
await Bun.write(file, astToString(await openapiTS(new URL(url))));
