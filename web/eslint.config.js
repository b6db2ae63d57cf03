import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/**", "**/node_modules/**", "shared/src/api.ts"] },
  ...tseslint.configs.recommended,
  hooks.configs.flat["recommended"],
);
