import js from "@eslint/js";
import globals from "globals";

// WhiteNoise finds imports to hash by their semicolon: a missing one breaks the page in production only.
const strict = {
  "array-callback-return": "error",
  "consistent-return": "error",
  "curly": "error",
  "default-case-last": "error",
  "eqeqeq": "error",
  "no-alert": "error",
  "no-console": "error",
  "no-duplicate-imports": "error",
  "no-else-return": "error",
  "no-eval": "error",
  "no-implicit-coercion": "error",
  "no-implied-eval": "error",
  "no-param-reassign": "error",
  "no-restricted-syntax": ["error", {
    selector: "AssignmentExpression[left.property.name=/^(innerHTML|outerHTML)$/]",
    message: "Text from people stays text: use textContent.",
  }],
  "no-script-url": "error",
  "no-shadow": "error",
  "no-throw-literal": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "all" }],
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
  "require-await": "error",
  "semi": ["error", "always"],
  "complexity": ["error", 8],
  "max-lines": ["error", 300],
  "max-statements": ["error", 30],
};

export default [
  { ignores: [".venv/", "data/", "node_modules/", "static/vendor/"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: strict,
  },
  {
    files: ["static/js/**/*.js"],
    languageOptions: { globals: { ...globals.browser, L: "readonly" } },
    rules: {
      "no-restricted-imports": ["error", {
        patterns: [{ regex: "^[^.]", message: "A browser finds only relative paths." }],
      }],
    },
  },
  {
    // No document, no network, no clock of its own: what is here is tested with `node --test`.
    files: ["static/js/pure/**/*.js"],
    rules: { "no-restricted-globals": ["error", "document", "fetch", "localStorage", "navigator", "window"] },
  },
  {
    files: ["static/js/**/worker.js"],
    languageOptions: { globals: globals.serviceworker },
  },
  {
    files: ["eslint.config.js", "tests/**/*.js", "scripts/**/*.js"],
    languageOptions: { globals: globals.node },
  },
];
