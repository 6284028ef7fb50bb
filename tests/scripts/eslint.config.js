// What a script must not do, beyond what tsc finds: names that are not there are found by that.
import js from '@eslint/js';

export default [
  js.configs.recommended,
  {
    rules: {
      'no-undef': 'off',
      'no-unused-vars': ['error', {varsIgnorePattern: '^_'}],
      'array-callback-return': 'error',
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-implicit-globals': 'error',
      'no-param-reassign': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': ['error', {destructuring: 'all'}],
      'prefer-template': 'error',
    },
  },
];
