import assert from 'node:assert/strict';
import { answer, offered, preview, question, rowOf, until, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

describe('in Russian', () => {
  it('speak the view, the questions, the messages, the rows and the preview', async () => {
    const { emulator } = fixture;
    emulator.behaviour.durations = 7_000;
    const { workbench } = await fixture.open({}, { locale: 'ru' });
    await workbench.openContainer('Seedance');
    const welcome = workbench.page.locator('.sidebar .welcome-view-content');
    await until(
      'the welcome says',
      () => welcome.innerText(),
      (text) => text.includes('Создавайте видео с Seedance по тексту из редактора.'),
    );
    await welcome.locator('.monaco-button', { hasText: 'Указать ключ API' }).click();
    await answer(workbench, 'Указать ключ API', 'неверный');
    await until(
      'the box says',
      () => workbench.quickInput.innerText(),
      (text) => text.includes('В ключе бывают только латинские буквы, цифры и знаки.'),
    );
    await workbench.answer(emulator.key);
    assert.match(await workbench.waitForNotification('Ключ API работает и сохранён.'), /Баланс: 10\s000\s₽\./);
    await until(
      'the welcome says',
      () => welcome.innerText(),
      (text) => text.includes('Видео пока нет.'),
    );

    await workbench.runCommand('Seedance: Создать видео…');
    await question(workbench, 'Создать видео').waitFor();
    await workbench.answer('Рыжий кот запрыгивает на подоконник');
    assert.match(
      (await offered(workbench)).join('\n'),
      /Создать – 122\s₽[^]*Модель: [^]*Соотношение сторон: 16:9[^]*Первый кадр: нет[^]*Промпт: Рыжий кот/,
    );
    await workbench.page.keyboard.press('Enter');
    const row = await rowOf(workbench, 'Рыжий кот');
    await waitForState(row, /^(Ожидает|Создаётся) с /);
    const page = await preview(workbench, row);
    await waitForPage(page, 'waiting');
    assert.match(await page.locator('#heading').innerText(), /^(Ждёт своей очереди|Создаётся)$/);
    await waitForPage(page, 'ready');
    await waitForState(row, /^Готово$/);
    assert.equal(await page.locator('#save').innerText(), 'Сохранить в рабочую область');
    assert.match(await page.locator('#facts').innerText(), /Модель[^]*Цена\s*122\s₽/);
    await workbench.waitForNotification('Видео готово: «Рыжий кот запрыгивает на подоконник»');

    // Not one English word of ours in what the page shows.
    const shown = await page.locator('#state').innerText();
    assert.deepEqual(
      shown.match(/\b(?:[A-Z][a-z]+ [a-z]+|Save|Model|Price|Created|Prompt|Details|Took|Ready)\b/g),
      null,
      shown,
    );
  });
});
