import assert from 'node:assert/strict';
import { fixture } from './setup';

describe('the workbench', () => {
  it('shows Seedance in the activity bar', async () => {
    const { workbench } = await fixture.open();
    await workbench.openContainer('Seedance');
    assert.equal(await workbench.container('Seedance').count(), 1);
  });

  it('speaks Russian where the browser does', async () => {
    const { workbench } = await fixture.open({}, { locale: 'ru' });
    await workbench.runCommand('Seedance: Указать ключ API');
    await workbench.quickInput.locator('input').waitFor();
  });
});
