package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models beyond what the heap holds, in a second JVM whose heap is a fraction of their size. */
class LargeModelTest {
  private static final long ELEMENTS = 660_000_000;
  private static final long[] MARKED = {0, 268_435_461, 536_870_915, ELEMENTS - 1};

  @TempDir Path folder;

  @Test
  void aModelWithMoreThanTwoGigabytesOfExternalDataNeedsNoHeapForThem() throws IOException {
    Path path = modelWithSparseData();

    ChildJvm.Result child = ChildJvm.run(List.of("-Xmx48m"), LoadExternal.class, path.toString());

    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("read 10.0 11.0 12.0 13.0"), child.output());
  }

  @Test
  void aModelOfMoreThanTwoGigabytesGoesToExternalDataByItself() throws IOException {
    Path weights = folder.resolve("weights.bin");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.setLength(1 << 30);
      file.seek((1 << 30) - 4);
      file.write(floats(5));
    }
    Path path = folder.resolve("large.onnx");

    ChildJvm.Result child =
        ChildJvm.run(List.of("-Xmx64m"), SaveLarge.class, weights.toString(), path.toString());

    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("read 5.0 5.0"), child.output());
    assertTrue(Files.size(path) < 10_000);
    assertTrue(Files.size(folder.resolve("large.onnx.data")) >= 2L << 30);
  }

  @Test
  void aModelOfNinetyMegabytesLoadsAndSavesInAHeapOfFortyMegabytes() throws IOException {
    ChildJvm.Result child =
        ChildJvm.run(
            List.of("-Xmx40m"),
            LoadAndSave.class,
            RealModels.MINILM.path().toString(),
            folder.resolve("copy.onnx").toString());

    assertEquals(0, child.exitCode(), child.output());
    assertEquals(-1, Files.mismatch(RealModels.MINILM.path(), folder.resolve("copy.onnx")));
  }

  private Path modelWithSparseData() throws IOException {
    try (RandomAccessFile data = new RandomAccessFile(folder.resolve("huge.bin").toFile(), "rw")) {
      data.setLength(4096 + 4 * ELEMENTS);
      for (int i = 0; i < MARKED.length; i++) {
        data.seek(4096 + 4 * MARKED[i]);
        data.write(floats(10 + i));
      }
    }
    ModelProto.Builder model = SmallModels.addConstant(4).toProto().toBuilder();
    model
        .getGraphBuilder()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("huge")
                .setDataType(DataType.FLOAT32.onnxCode())
                .addDims(ELEMENTS / 1000)
                .addDims(1000)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(Entries.entry("location", "huge.bin"))
                .addExternalData(Entries.entry("offset", "4096"))
                .addExternalData(Entries.entry("length", Long.toString(4 * ELEMENTS))));
    return Files.write(folder.resolve("m.onnx"), model.build().toByteArray());
  }

  private static byte[] floats(float value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
  }

  /** Loads a model and reads values on both sides of every GiB. */
  static final class LoadExternal {
    public static void main(String[] arguments) {
      OnnxModel model = OnnxModel.load(Path.of(arguments[0]));
      Initializer huge = model.graph().initializer("huge").orElseThrow();
      StringBuilder read = new StringBuilder("read");
      for (long at : MARKED) {
        read.append(' ').append(huge.floats(at, 1)[0]);
      }
      long inChunks = huge.chunks().stream().mapToLong(ByteBuffer::remaining).sum();
      if (inChunks != 4 * ELEMENTS || !model.check().isEmpty()) {
        throw new IllegalStateException(inChunks + " bytes, " + model.check());
      }
      System.out.println(read);
      System.out.println(model.summary());
    }
  }

  /** Makes a model of twice 1 GiB of weights, saves it with default options and loads it. */
  static final class SaveLarge {
    public static void main(String[] arguments) throws IOException {
      long elements = 1 << 28;
      OnnxModel model;
      try (FileChannel file = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.READ)) {
        ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 30);
        Graph graph =
            SmallModels.addConstant(4)
                .graph()
                .edit()
                .putInitializer(Initializer.wrap("one", DataType.FLOAT32, bytes, elements))
                .putInitializer(Initializer.wrap("two", DataType.FLOAT32, bytes, elements))
                .build();
        model = OnnxModel.of(graph, 17);
      }
      Path path = Path.of(arguments[1]);
      model.save(path);
      Graph loaded = OnnxModel.load(path).graph();
      System.out.println(
          "read "
              + loaded.initializer("one").orElseThrow().floats(elements - 1, 1)[0]
              + " "
              + loaded.initializer("two").orElseThrow().floats(elements - 1, 1)[0]);
    }
  }

  /** Loads a model, looks at it from all sides and saves it. */
  static final class LoadAndSave {
    public static void main(String[] arguments) {
      OnnxModel model = OnnxModel.load(Path.of(arguments[0]));
      System.out.println(model.summary());
      System.out.println(model.digest());
      model.save(Path.of(arguments[1]));
    }
  }
}
