/** As a notification would run it, at a click on what looks like a way to mend something. */
export const COMMAND_LINK = '[Restore it](command:workbench.action.quit)';

/** Prompts and messages that try to be more than text in some place of VS Code. */
export const HOSTILE_TEXTS = [
  '[click](command:workbench.action.quit)',
  '<img src=x onerror=alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '$(error) $(sync~spin)',
  '\u202Egnp.exe\u202C \u2066x\u2069',
  'a\u0000b\u001b[31mc\u0007',
  '```js\nalert(1)\n```',
  '# heading\n> quote\n- list\n1. list\n| a | b |\n|---|---|',
  'https://evil.example www.evil.example mail@evil.example',
  '&lt;script&gt; &#x41;',
  '    indented code\n\ttabbed',
  '\ud800 lone surrogate',
  '~~x~~ **b** _i_ `c` \\',
];
