import { readdirSync } from 'node:fs';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * The layers, bottom to top. A file may import from its own layer and from those above it in this list; the folders
 * of one layer do not know each other. `CONTRIBUTING.md` says what each folder is for.
 */
const LAYERS = [
  ['src/constants.ts', 'src/common'],
  ['src/api'],
  ['src/tasks'],
  ['src/images', 'src/prompting'],
  ['src/storyboard'],
  ['src/platform', 'src/messages'],
  ['src/ui'],
  ['src/views'],
  ['src/container.ts'],
  ['src/generation', 'src/languageFeatures'],
  ['src/commands'],
  // The pages run in a browser: the extension reads their bundles, not their modules.
  ['src/extension.ts', 'src/webviews'],
];

const unlisted = readdirSync(`${import.meta.dirname}/src`).filter(
  (name) => !name.startsWith('.') && !LAYERS.flat().includes(`src/${name}`),
);
if (unlisted.length > 0) throw new Error(`LAYERS in eslint.config.js does not have ${unlisted.join(', ')} of src.`);

/** What runs in plain Node, in tests without VS Code, or in a browser. */
const WITHOUT_VSCODE = [
  'src/common/**',
  'src/api/**',
  'src/tasks/**',
  'src/images/**',
  'src/prompting/**',
  'src/storyboard/**',
  'src/webviews/**',
  'src/views/*/protocol.ts',
  'src/views/messageParts.ts',
  'src/views/export/plan.ts',
];

const zones = LAYERS.flatMap((layer, level) =>
  layer.map((target) => ({
    target,
    from: [...LAYERS.slice(level + 1).flat(), ...layer.filter((other) => other !== target)],
    message: 'A file may import from its own folder and from earlier rows of LAYERS in eslint.config.js.',
  })),
).filter(({ from }) => from.length > 0);

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'test/vscode/node_modules/', '**/*.cjs'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: WITHOUT_VSCODE,
    rules: { 'no-restricted-imports': ['error', { paths: ['vscode'] }] },
  },
  {
    // What a test prints is its report.
    files: ['test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
