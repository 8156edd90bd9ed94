package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.runtime.Target;
import io.inferc.spi.ProcessorShare;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TuningsTest {
  private static final ProcessorShare SIXTEEN =
      new ProcessorShare(16, OptionalInt.of(16), OptionalInt.of(8));
  private static final ProcessorShare TWO =
      new ProcessorShare(2, OptionalInt.of(2), OptionalInt.of(2));

  private static List<String> of(OnnxRuntimeOptions options, int callers, ProcessorShare share) {
    Target.Choice choice = Target.onnxRuntime().options(options).choices().get(0);
    return Tunings.of(choice, callers, share).stream()
        .map(c -> c.options().orElseThrow().toString())
        .toList();
  }

  @Test
  void threadsAndTheOptimizerAreVaried() {
    assertEquals(
        List.of("{intra_op_threads=16}", "{intra_op_threads=1}", "{optimization=EXTENDED}"),
        of(OnnxRuntimeOptions.defaults(), 1, SIXTEEN));
    assertEquals(
        List.of("{intra_op_threads=1}", "{optimization=EXTENDED}"),
        of(OnnxRuntimeOptions.defaults(), 1, TWO));
    assertEquals(
        List.of(
            "{intra_op_threads=4, spinning=false}",
            "{intra_op_threads=16, spinning=false}",
            "{intra_op_threads=1, spinning=false}",
            "{optimization=EXTENDED}"),
        of(OnnxRuntimeOptions.defaults(), 4, SIXTEEN));
  }

  @Test
  void whatIsSetStays() {
    OnnxRuntimeOptions all =
        OnnxRuntimeOptions.builder()
            .intraOpThreads(3)
            .optimization(Optimization.BASIC)
            .memoryPattern(false)
            .build();
    assertEquals(List.of(), of(all, 4, SIXTEEN));
    assertEquals(
        List.of("{memory_pattern=false, optimization=EXTENDED, shared_thread_pool=2/1}"),
        of(
            OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).memoryPattern(false).build(),
            1,
            SIXTEEN));
    OnnxRuntimeOptions everything =
        OnnxRuntimeOptions.builder()
            .parallel(true)
            .intraOpThreads(2)
            .interOpThreads(2)
            .spinning(false)
            .cpuArena(false)
            .shrinkArenaAfterRun(false)
            .disabledOptimizers("MatMulAddFusion")
            .sessionConfig("session.dynamic_block_base", "4")
            .provider(ExecutionProvider.cuda(0).build())
            .build();
    assertEquals(everything, everything.toBuilder().build());
  }

  @Test
  void cudaIsAPlaceOfItsOwnWhereItIsThereAndNobodyChose() {
    Target.Choice open = Target.onnxRuntime().choices().get(0);
    assertEquals(List.of(open), Tunings.places(open, List.of("cpu")));
    List<Target.Choice> both = Tunings.places(open, List.of("cuda", "cpu"));
    assertEquals(2, both.size());
    assertEquals(open, both.get(0));
    assertTrue(both.get(1).toString().contains("cuda"), both::toString);
    Target.Choice chosen = Target.onnxRuntime().device("cpu").choices().get(0);
    assertEquals(List.of(chosen), Tunings.places(chosen, List.of("cuda", "cpu")));
  }
}
