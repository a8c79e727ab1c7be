/** Doc comments of the functions that make what definitions define, read off the sources. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

/** The doc comment of an exported function. */
export interface DocComment {
  readonly name: string;
  /** Markdown. */
  readonly text: string;
  readonly throws: readonly string[];
}

export interface Sources {
  /** The functions behind the definition with that id and that summary: those that its `create` names, in that order. */
  makers(id: string, summary: string): readonly DocComment[];
}

/** Reads the sources of packages; `published` says which names of theirs count. */
export function readSources(root: string, folders: readonly string[], published: (name: string, folder: string) => boolean): Sources {
  const comments = new Map<string, DocComment>();
  const creates = new Map<string, ReadonlySet<string>>();
  for (const folder of folders) {
    for (const path of globSync('**/*.ts', { cwd: join(root, folder), exclude: (name) => name.endsWith('.test.ts') }).sort()) {
      const file = ts.createSourceFile(path, readFileSync(join(root, folder, path), 'utf8'), ts.ScriptTarget.Latest, true);
      for (const statement of file.statements) {
        const comment = commentOf(statement);
        if (comment !== undefined && published(comment.name, folder)) comments.set(comment.name, comment);
      }
      visit(file, creates);
    }
  }
  return {
    makers: (id, summary) => [...(creates.get(key(id, summary)) ?? [])].flatMap((name) => comments.get(name) ?? []),
  };
}

const key = (id: string, summary: string): string => `${id}: ${summary}`;

/** Of an exported function, or of a constant that is one. The last of overloads counts that has a comment. */
function commentOf(statement: ts.Statement): DocComment | undefined {
  const name = ts.isFunctionDeclaration(statement)
    ? statement.name
    : ts.isVariableStatement(statement) && ts.isIdentifier(statement.declarationList.declarations[0]!.name)
      ? statement.declarationList.declarations[0]!.name
      : undefined;
  const doc = ts.getJSDocCommentsAndTags(statement).findLast(ts.isJSDoc);
  if (name === undefined || doc === undefined) return undefined;
  const throws = (doc.tags ?? []).filter((tag) => tag.tagName.text === 'throws');
  return { name: name.text, text: textOf(doc.comment), throws: throws.map(({ comment }) => textOf(comment).replaceAll(/\s+/g, ' ')) };
}

const textOf = (comment: ts.JSDoc['comment']): string => (ts.getTextOfJSDocComment(comment) ?? '').trim();

/** Definitions are object literals with an id, a summary and a way to create, or calls that make one of an id, a summary and more. */
function visit(node: ts.Node, creates: Map<string, ReadonlySet<string>>): void {
  if (ts.isObjectLiteralExpression(node)) {
    const property = (name: string) => node.properties.find((each) => each.name !== undefined && ts.isIdentifier(each.name) && each.name.text === name);
    const [id, summary, create] = [literal(property('id')), literal(property('summary')), property('create')];
    if (id !== undefined && summary !== undefined && create !== undefined) creates.set(key(id, summary), identifiers(create));
  }
  if (ts.isCallExpression(node)) {
    const [id, summary, ...more] = node.arguments;
    if (id !== undefined && summary !== undefined && ts.isStringLiteralLike(id) && ts.isStringLiteralLike(summary)) {
      creates.set(key(id.text, summary.text), new Set(more.flatMap((each) => [...identifiers(each)])));
    }
  }
  ts.forEachChild(node, (child) => {
    visit(child, creates);
  });
}

const literal = (property: ts.ObjectLiteralElementLike | undefined): string | undefined =>
  property !== undefined && ts.isPropertyAssignment(property) && ts.isStringLiteralLike(property.initializer) ? property.initializer.text : undefined;

/** What an expression names from outside: neither members nor what it binds itself. */
function identifiers(node: ts.Node): ReadonlySet<string> {
  const [found, bound] = [new Set<string>(), new Set<string>()];
  const look = (each: ts.Node): void => {
    if (ts.isIdentifier(each)) {
      const { parent } = each;
      const declares = (ts.isParameter(parent) || ts.isBindingElement(parent) || ts.isVariableDeclaration(parent)) && parent.name === each;
      const isMember = (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) && parent.name === each;
      const isSource = ts.isBindingElement(parent) && parent.propertyName === each;
      if (declares) bound.add(each.text);
      else if (!isMember && !isSource) found.add(each.text);
    }
    ts.forEachChild(each, look);
  };
  look(node);
  return new Set([...found].filter((name) => !bound.has(name)));
}
