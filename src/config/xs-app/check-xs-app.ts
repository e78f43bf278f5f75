import type { Problems } from '../../errors/config-error.ts';
import { checkEndpoints } from './check-endpoints.ts';
import { checkRoute } from './check-route.ts';
import { cureOf, findInside, xsAppFile } from './find-inside.ts';
import type { XsApp } from './xs-app-schema.ts';

/** What no schema can say: rules between properties, and things that must exist on disk (xs-app.md 1.2). */
export function checkXsApp(xsApp: XsApp, workingDirectory: string, problems: Problems): void {
  for (const [index, route] of (xsApp.routes ?? []).entries()) {
    checkRoute(route, `routes/${index}`, workingDirectory, problems);
  }
  checkEndpoints(xsApp, problems);
  for (const [index, page] of (xsApp.errorPage ?? []).entries()) {
    if (page.file === undefined) continue;
    const found = findInside(workingDirectory, page.file);
    if (found !== 'file')
      problems.add(xsAppFile, `errorPage/${index}/file`, cureOf(page.file, found, 'file'), 'missing-file');
  }
  for (const name of unsupported) {
    if (xsApp[name] !== undefined) problems.add(xsAppFile, name, 'business services are not supported; remove it');
  }
}

const unsupported = ['services'] as const;
