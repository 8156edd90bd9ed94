package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.Calibration;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.Calibrator;
import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.RangeObserver;
import io.inferc.calibrate.TensorRange;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CalibratorTest {
  private static final OnnxModel PERCEPTRON = SmallModels.perceptron(8, 32, 4, 5);

  private static Calibrator.Builder calibrator(OnnxModel model) {
    var opened = BackendRegistry.discover().open(Target.onnxRuntime());
    return Calibrator.builder(model, opened.backend(), opened.choice());
  }

  /** Batches of other sizes from sample to sample. */
  private static Dataset samples(int count) {
    return Dataset.generated(
        count, i -> Map.of("x", Tensor.of(values(i, 8 * (1 + (int) i % 3)), 1 + i % 3, 8)));
  }

  private static float[] values(long seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void aModelThatFailsOnlyWhenOptimizedIsRunAsItIsWithAWarning() {
    // The optimizer believes the declared shape, and folds a size that the data decide on.
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("places")
                .input(TensorSpec.of("x", DataType.FLOAT32, "6"))
                .output(TensorSpec.of("y", DataType.FLOAT32, "1, ?"))
                .valueInfo(TensorSpec.of("places", DataType.INT64, "1, 6"))
                .node(Node.of("NonZero", List.of("x"), List.of("places")))
                .node(Node.of("Shape", List.of("places"), List.of("shape")))
                .node(
                    Node.builder("Cast")
                        .inputs("places")
                        .outputs("numbers")
                        .attribute(Attribute.of("to", 1))
                        .build())
                .node(Node.of("Expand", List.of("numbers", "shape"), List.of("y")))
                .build(),
            17);
    Dataset places =
        Dataset.generated(2, i -> Map.of("x", Tensor.of(new float[] {1, 0, 1, 1, 0, 1}, 6)));
    Calibration calibration = calibrator(model).build().calibrate(places);
    assertEquals(5f, calibration.table().range("y").orElseThrow().observedMax());
    assertTrue(
        calibration.warnings().stream().anyMatch(w -> w.contains("without the optimizer")),
        calibration.warnings().toString());
  }

  /** y = Relu(x) * 2. */
  private static OnnxModel doubling() {
    return OnnxModel.of(
        Graph.builder("doubling")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
            .initializer(Initializer.floats("two", new float[] {2}))
            .node(Node.builder("Relu").name("relu").inputs("x").outputs("r").build())
            .node(Node.builder("Mul").name("mul").inputs("r", "two").outputs("y").build())
            .output(TensorSpec.of("y", DataType.FLOAT32, "n"))
            .build(),
        17);
  }

  private static Dataset vectors(float[]... samples) {
    List<Map<String, Tensor>> list = new ArrayList<>();
    for (float[] sample : samples) {
      list.add(Map.of("x", Tensor.of(sample, sample.length)));
    }
    return Dataset.of(list);
  }

  @Test
  void everyActivationGetsItsExactExtremesInTheOrderOfTheGraph() {
    Calibration calibration =
        calibrator(doubling())
            .observer(RangeObserver.minMax())
            .minimumSamples(2)
            .build()
            .calibrate(vectors(new float[] {-3, 0.5f}, new float[] {-1, 1.25f, 0.1f}));
    assertEquals(
        CalibrationTable.builder(doubling().digest(), "min-max", 2)
            .range("x", TensorRange.observed(-3, 1.25f))
            .range("r", TensorRange.observed(0, 1.25f))
            .range("y", TensorRange.observed(0, 2.5f))
            .build(),
        calibration.table());
    assertEquals(List.of("x", "r", "y"), List.copyOf(calibration.table().ranges().keySet()));
    assertEquals(List.of(), calibration.warnings());
  }

  @Test
  void onlyWhatWasAskedForIsInTheTable() {
    Calibration calibration =
        calibrator(PERCEPTRON).tensors(Set.of("a1", "x")).build().calibrate(samples(6));
    assertEquals(List.of("x", "a1"), List.copyOf(calibration.table().ranges().keySet()));
    assertEquals("percentile(99.99)", calibration.table().method());
    calibration.table().requireFor(PERCEPTRON);
  }

  @Test
  void inputsAloneCanBeCalibrated() {
    Calibration calibration =
        calibrator(doubling())
            .observer(RangeObserver.minMax())
            .tensors(Set.of("x"))
            .build()
            .calibrate(vectors(new float[] {-3, 0.5f}));
    assertEquals(Map.of("x", TensorRange.observed(-3, 0.5f)), calibration.table().ranges());
  }

  @Test
  void inputsAreCalibratedWhateverTypeTheModelReturns() {
    Calibration calibration =
        calibrator(places())
            .observer(RangeObserver.minMax())
            .tensors(Set.of("x"))
            .build()
            .calibrate(vectors(new float[] {1, 3}, new float[] {-2, 0}));

    assertEquals(Map.of("x", TensorRange.observed(-2, 3)), calibration.table().ranges());
  }

  @Test
  void aModelWhoseNodesMakeNoFloatsIsNotRunAtAll() {
    Calibration calibration = calibrator(places()).build().calibrate(vectors(new float[] {1, 3}));

    assertTrue(calibration.warnings().get(0).startsWith("Nothing was calibrated"));
  }

  /** The place of the largest number, an integer. */
  private static OnnxModel places() {
    return OnnxModel.of(
        Graph.builder("places")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
            .node(Node.builder("ArgMax").name("argmax").inputs("x").outputs("y").build())
            .output(TensorSpec.of("y", DataType.INT64, "one"))
            .build(),
        17);
  }

  @Test
  void severalPassesFindTheSameAsOne() {
    Dataset samples = samples(40);
    for (RangeObserver observer :
        List.of(
            RangeObserver.entropy(),
            RangeObserver.movingAverage(),
            RangeObserver.percentile(99),
            RangeObserver.mse())) {
      CalibrationTable one =
          calibrator(PERCEPTRON).observer(observer).build().calibrate(samples).table();
      List<Long> totals = new ArrayList<>();
      CalibrationTable several =
          calibrator(PERCEPTRON)
              .observer(observer)
              .memoryBudget(1)
              .progress((stage, task, done, total) -> totals.add(total))
              .build()
              .calibrate(samples)
              .table();
      assertEquals(one, several);
      assertEquals(4, one.ranges().size());
      assertEquals(Set.of(160L), Set.copyOf(totals));
    }
  }

  @Test
  void channelsAreMeasuredAlongTheAxisAskedFor() {
    Calibration calibration =
        calibrator(PERCEPTRON)
            .channels("x", -1)
            .channels("a1", -2)
            .minimumSamples(1)
            .build()
            .calibrate(
                Dataset.of(
                    List.of(
                        Map.of("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 8)),
                        Map.of("x", Tensor.of(new float[] {3, 2, -9, 4, 5, 6, 7, 0}, 1, 8)))));
    assertEquals(
        new ChannelStatistics(
            -1,
            new float[] {2, 2, -3, 4, 5, 6, 7, 4},
            new float[] {5, 4, 45, 16, 25, 36, 49, 32},
            new float[] {3, 2, 9, 4, 5, 6, 7, 8}),
        calibration.table().channels("x").orElseThrow());
    assertEquals(1, calibration.table().channels("a1").orElseThrow().means().length);
  }

  @Test
  void channelsWhoseNumberChangesAreRefused() {
    Calibrator calibrator = calibrator(doubling()).channels("r", -1).build();
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> calibrator.calibrate(vectors(new float[3], new float[] {1, 2})));
    assertTrue(e.getMessage().contains("'r'"), e.getMessage());
  }

  @Test
  void channelsOfATensorThatIsNotObservedAreRefused() {
    Calibrator.Builder builder =
        calibrator(doubling()).tensors(Set.of("relu_out")).channels("relu_ou", -1);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
    assertTrue(e.getMessage().contains("relu_out"), e.getMessage());
  }

  @Test
  void noSamplesAreRefusedWhetherTheSizeIsKnownOrNot() {
    for (Dataset none :
        List.of(
            Dataset.of(List.of()),
            Dataset.streaming(() -> List.<Map<String, Tensor>>of().iterator()))) {
      for (boolean bounded : new boolean[] {false, true}) {
        Calibrator.Builder builder = calibrator(doubling());
        Calibrator calibrator = bounded ? builder.memoryBudget(1).build() : builder.build();
        InfercException e = assertThrows(InfercException.class, () -> calibrator.calibrate(none));
        assertEquals(Stage.CALIBRATE, e.stage());
        assertTrue(e.getMessage().contains("no samples at all"), e.getMessage());
      }
    }
  }

  @Test
  void fewSamplesAndTensorsThatNeverChangedAreNoted() {
    Calibration calibration =
        calibrator(doubling())
            .tensors(Set.of("r"))
            .build()
            .calibrate(vectors(new float[] {-3, -1}, new float[] {-7}));
    assertEquals(2, calibration.warnings().size(), calibration.warnings().toString());
    assertTrue(calibration.warnings().get(0).contains("2 samples, fewer than 500"));
    assertTrue(calibration.warnings().get(1).contains("r"));
    TensorRange range = calibration.table().range("r").orElseThrow();
    assertTrue(range.constant());
    assertTrue(range.max() > range.min());
  }

  @Test
  void valuesThatMaskAreNoPartOfARangeAndWhatIsNoNumberIsRefused() {
    Calibrator calibrator = calibrator(doubling()).tensors(Set.of("r", "y")).build();
    TensorRange masked =
        calibrator
            .calibrate(vectors(new float[] {1}, new float[] {2}, new float[] {0.5f, 3e38f}))
            .table()
            .range("y")
            .orElseThrow();
    assertEquals(
        List.of(1f, 4f, true),
        List.of(masked.observedMin(), masked.observedMax(), masked.masked()));
    InfercException none =
        assertThrows(
            InfercException.class,
            () -> calibrator.calibrate(vectors(new float[] {1}, new float[] {Float.NaN})));
    assertTrue(none.getMessage().contains("sample 1"), none.getMessage());
    assertTrue(none.getMessage().contains("'r' has the value NaN"), none.getMessage());
  }

  @Test
  void anUnknownTensorIsRefusedWithNearMatches() {
    Calibrator calibrator = calibrator(PERCEPTRON).tensors(Set.of("x", "A1_")).build();
    InfercException e = assertThrows(InfercException.class, () -> calibrator.calibrate(samples(1)));
    assertTrue(e.getMessage().contains("'A1_'"), e.getMessage());
    assertTrue(e.remedy().contains("a1"), e.getMessage());
  }

  @Test
  void constantsAndTensorsOfOtherTypesAreRefused() {
    Calibrator constant = calibrator(doubling()).tensors(Set.of("two")).build();
    InfercException first =
        assertThrows(InfercException.class, () -> constant.calibrate(vectors(new float[1])));
    assertTrue(first.getMessage().contains("constant"), first.getMessage());
    OnnxModel shape =
        OnnxModel.of(
            Graph.builder("shape")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
                .node(Node.of("Shape", List.of("x"), List.of("s")))
                .output(TensorSpec.of("s", DataType.INT64, 1))
                .build(),
            17);
    Calibrator integers = calibrator(shape).tensors(Set.of("s")).build();
    InfercException second =
        assertThrows(InfercException.class, () -> integers.calibrate(vectors(new float[1])));
    assertTrue(second.getMessage().contains("INT64"), second.getMessage());
  }

  @Test
  void aSampleThatDoesNotFitTheModelIsNamed() {
    Calibrator calibrator = calibrator(PERCEPTRON).build();
    Dataset wrongName =
        Dataset.of(
            List.of(
                Map.of("x", Tensor.of(new float[8], 1, 8)),
                Map.of("pixels", Tensor.of(new float[8], 1, 8))));
    InfercException e = assertThrows(InfercException.class, () -> calibrator.calibrate(wrongName));
    assertTrue(e.getMessage().contains("sample 1"), e.getMessage());
    assertTrue(e.getMessage().contains("pixels"), e.getMessage());
    Dataset wrongShape = Dataset.of(List.of(Map.of("x", Tensor.of(new float[9], 1, 9))));
    InfercException shape =
        assertThrows(InfercException.class, () -> calibrator.calibrate(wrongShape));
    assertTrue(shape.getMessage().contains("sample 0"), shape.getMessage());
  }

  @Test
  void shapesThatDependOnTheValuesAreFollowed() {
    OnnxModel compress =
        OnnxModel.of(
            Graph.builder("compress")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
                .initializer(Initializer.floats("zero", new float[] {0}))
                .node(Node.of("Greater", List.of("x", "zero"), List.of("c")))
                .node(Node.of("Compress", List.of("x", "c"), List.of("kept")))
                .node(Node.of("Neg", List.of("kept"), List.of("y")))
                .output(TensorSpec.of("y", DataType.FLOAT32, "m"))
                .build(),
            17);
    float[][] samples = {{1, -1, -1}, {2, 3, -1}, {-1, -1, -1}, {5, 4, 6}, {1, 9, -1}};
    Calibration calibration =
        calibrator(compress)
            .observer(RangeObserver.minMax())
            .tensors(Set.of("kept", "y"))
            .build()
            .calibrate(vectors(samples));
    assertEquals(
        Map.of("kept", TensorRange.observed(1, 9), "y", TensorRange.observed(-9, -1)),
        calibration.table().ranges());
  }

  /** y = the first ten of x, at most: its size is that of x until it is not. */
  @Test
  void aSizeThatFollowedFromTheInputsUntilItDidNotIsFollowed() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("first-ten")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
                .initializer(Initializer.longs("zero", new long[] {0}, 1))
                .initializer(Initializer.longs("ten", new long[] {10}, 1))
                .node(Node.builder("Relu").name("relu").inputs("x").outputs("r").build())
                .node(
                    Node.builder("Slice")
                        .name("slice")
                        .inputs("r", "zero", "ten")
                        .outputs("y")
                        .build())
                .output(TensorSpec.of("y", DataType.FLOAT32, "m"))
                .build(),
            17);
    List<float[]> samples = new ArrayList<>();
    float largest = 0;
    float largestOfTen = 0;
    for (int n : new int[] {3, 5, 8, 12, 40, 7, 12, 9, 40, 11}) {
      float[] values = values(n + 100L * samples.size(), n);
      for (int i = 0; i < n; i++) {
        largest = Math.max(largest, values[i]);
        largestOfTen = i < 10 ? Math.max(largestOfTen, values[i]) : largestOfTen;
      }
      samples.add(values);
    }
    CalibrationTable table =
        calibrator(model)
            .observer(RangeObserver.minMax())
            .build()
            .calibrate(vectors(samples.toArray(float[][]::new)))
            .table();
    assertEquals(largest, table.ranges().get("r").max());
    assertEquals(largestOfTen, table.ranges().get("y").max());
    assertTrue(largestOfTen < largest, "the samples tell the two apart");
  }

  /** t = the transpose of Relu(x), f = t in one row, y = -f. */
  @Test
  void tensorsThatOnlyMoveValuesHaveTheRangeOfThoseTheyMove() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("moved")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n, 8"))
                .node(Node.builder("Relu").name("relu").inputs("x").outputs("r").build())
                .node(Node.builder("Transpose").name("turn").inputs("r").outputs("t").build())
                .node(Node.builder("Flatten").name("flat").inputs("t").outputs("f").build())
                .node(Node.builder("Neg").name("neg").inputs("f").outputs("y").build())
                .output(TensorSpec.of("y", DataType.FLOAT32, "8, n"))
                .build(),
            17);
    for (RangeObserver observer : List.of(RangeObserver.mse(), RangeObserver.movingAverage())) {
      Map<String, TensorRange> all =
          calibrator(model).observer(observer).build().calibrate(samples(9)).table().ranges();
      assertEquals(List.of("x", "r", "t", "f", "y"), List.copyOf(all.keySet()));
      for (String alone : all.keySet()) {
        Map<String, TensorRange> one =
            calibrator(model)
                .observer(observer)
                .tensors(Set.of(alone))
                .build()
                .calibrate(samples(9))
                .table()
                .ranges();
        assertEquals(Map.of(alone, all.get(alone)), one);
      }
    }
    CalibrationTable both =
        calibrator(model).channels("t", -2).channels("r", -1).build().calibrate(samples(9)).table();
    assertEquals(
        both.channels().get("r").means().length,
        both.channels().get("t").means().length,
        "both are observed themselves");
    assertEquals(both.ranges().get("r"), both.ranges().get("t"));
  }

  @Test
  void aTensorThatIsAlwaysEmptyHasNoRangeAndIsNoted() {
    Calibration calibration =
        calibrator(doubling())
            .tensors(Set.of("r"))
            .minimumSamples(1)
            .build()
            .calibrate(vectors(new float[0], new float[0]));
    assertTrue(calibration.table().ranges().isEmpty());
    assertTrue(calibration.warnings().get(0).contains("no elements"));
  }

  @Test
  void progressCountsEverySample() {
    List<String> heard = new ArrayList<>();
    calibrator(doubling())
        .progress((stage, task, done, total) -> heard.add(stage + " " + done + "/" + total))
        .build()
        .calibrate(vectors(new float[] {1}, new float[] {2}, new float[] {3}));
    assertEquals(List.of("CALIBRATE 1/3", "CALIBRATE 2/3", "CALIBRATE 3/3"), heard);
  }

  @Test
  void cancellingStopsBetweenTwoSamples() {
    Cancellation cancellation = new Cancellation();
    List<Long> heard = new ArrayList<>();
    Calibrator calibrator =
        calibrator(doubling())
            .cancellation(cancellation)
            .progress(
                (stage, task, done, total) -> {
                  heard.add(done);
                  if (done == 2) {
                    cancellation.cancel();
                  }
                })
            .build();
    Dataset endless =
        Dataset.streaming(
            () ->
                new Iterator<Map<String, Tensor>>() {
                  @Override
                  public boolean hasNext() {
                    return true;
                  }

                  @Override
                  public Map<String, Tensor> next() {
                    return Map.of("x", Tensor.of(new float[] {1}, 1));
                  }
                });
    assertThrows(CancelledException.class, () -> calibrator.calibrate(endless));
    assertEquals(List.of(1L, 2L), heard);
  }

  @Test
  void theSameSamplesGiveTheSameTable() {
    Calibrator calibrator = calibrator(PERCEPTRON).build();
    CalibrationTable first = calibrator.calibrate(samples(50)).table();
    assertEquals(first, calibrator.calibrate(samples(50)).table());
    assertFalse(first.ranges().isEmpty());
  }
}
