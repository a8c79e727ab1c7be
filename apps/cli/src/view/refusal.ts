/** What a person sees where the server refuses: why, and what to do. */
export const refusalPage = (message: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>lowland view</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em; }
h1 { font-size: 1.25em; }
</style>
</head>
<body>
<main>
<h1>lowland view shows nothing here</h1>
<p>${escaped(message)}</p>
</main>
</body>
</html>
`;

const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Messages name what was asked for, which may be anything. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => names[character]!);
