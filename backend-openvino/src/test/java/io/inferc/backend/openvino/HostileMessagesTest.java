package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.HostileText;
import org.junit.jupiter.api.Test;

class HostileMessagesTest {
  @Test
  void messagesThatRepeatLongNamesAreReadQuicklyAndCut() {
    HostileText.assertReadQuickly(t -> assertTrue(Calls.plain(t).length() < 10_000));
    HostileText.assertReadQuickly(
        t -> {
          CallException e = new CallException(t);
          assertTrue(Errors.compile("m", "CPU", e).getMessage().length() < 10_000);
          assertTrue(Errors.run("m", e).getMessage().length() < 10_000);
        });
  }

  @Test
  void longNamesOfKernelsAreReadQuickly() {
    HostileText.assertReadQuickly(Kernels::precision);
  }

  @Test
  void whatIsBetweenQuotesMayBeLong() {
    String name = "n\\'".repeat(100_000);

    assertEquals(
        "wrong",
        Calls.plain("Exception from a.cpp:1:\nCheck '" + name + "' failed at b.cpp:2:\nwrong\n"));
  }
}
