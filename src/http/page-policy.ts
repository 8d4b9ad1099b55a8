// What the pages may load and run, as their Content-Security-Policy.

// Everything the pages load comes from here; nothing in them runs that is not a file of ours.
const page = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

const frame = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"];

/** Empty pages that the chat page frames to show what it may not show itself, once its reader asks for it. */
const frames: Record<string, string[]> = {
  // A picture from anywhere, and nothing besides.
  'picture.html': [...frame, 'img-src https: http:'],
  // HTML and SVG with their own style, and nothing from anywhere.
  'preview.html': [...frame, "style-src 'unsafe-inline'", 'img-src data:', 'font-src data:'],
};

/** `name` is the file's, below `/static/`. */
export function policyOf(name: string): string {
  return (Object.hasOwn(frames, name) ? (frames[name] ?? page) : page).join('; ');
}
