/**
 * ESLint's rule against indexing an object by any word: `constructor` and `__proto__` are in every one. What is kept by
 * foreign names is a Map, or read by `ownValue` and written by `setOwn` (store/ground/json), which know an object's own keys.
 */
import ts from 'typescript';

const isAnyWord = (type) => {
  if (type.isUnion()) return type.types.some(isAnyWord);
  return (type.flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.Any)) !== 0;
};

const rule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const { esTreeNodeToTSNodeMap: nodes, program } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const text = (node) => context.sourceCode.getText(node);
    /** Somebody asked before whether the key is its own. */
    const isGuarded = (object, property) => {
      let whole = object.parent;
      while (whole.parent && !/Statement$|Declaration$/.test(whole.type)) whole = whole.parent;
      if (whole.parent?.type === 'IfStatement') whole = whole.parent;
      return text(whole).includes(`Object.hasOwn(${text(object)}, ${text(property)})`);
    };
    const typeOf = (node) => checker.getTypeAtLocation(nodes.get(node));
    return {
      'MemberExpression[computed=true]': ({ object, property }) => {
        if (property.type === 'Literal' || isGuarded(object, property)) return;
        const type = checker.getNonNullableType(typeOf(object));
        // the environment is one of names that nobody outside gives
        if (type.symbol?.name === 'ProcessEnv') return;
        if (checker.getIndexInfoOfType(type, ts.IndexKind.String) === undefined) return;
        if (!isAnyWord(typeOf(property))) return;
        context.report({ node: property, message: 'an object indexed by any word: use a Map, or ownValue and setOwn' });
      },
    };
  },
};

export const foreignIndex = rule;
