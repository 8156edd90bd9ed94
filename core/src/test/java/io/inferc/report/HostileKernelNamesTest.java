package io.inferc.report;

import io.inferc.runtime.KernelInfo;
import io.inferc.testing.HostileText;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostileKernelNamesTest {
  @Test
  void longTypesOfKernelsAreReadQuickly() {
    HostileText.assertReadQuickly(
        t ->
            QuantizationFindings.isConversion(
                new KernelInfo("k", t, Optional.of(t), List.of(), Optional.empty())));
  }
}
