import tseslint from 'typescript-eslint';

/** The rooms that run in plain Node, and so may not know VS Code. */
const CORE = ['src/gateway/**', 'src/tasks/**', 'src/frames/**'];

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'test/vscode/node_modules/', '**/*.cjs'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: CORE,
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: ['vscode'], patterns: ['**/views/*', '**/commands/*', '**/platform/*'] },
      ],
    },
  },
  {
    // What a test prints is its report.
    files: ['test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
