package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.inferc.common.InfercException;
import io.inferc.onnx.internal.proto.StringStringEntryProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleFolderTest {
  @TempDir private Path folder;

  private static byte[] npy(float value) {
    byte[] header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(10 + header.length + 4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) header.length)
        .put(header)
        .putFloat(value)
        .array();
  }

  private static TensorProto.Builder proto(String name) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(DataType.FLOAT32.onnxCode())
        .addDims(2);
  }

  private static byte[] pb(String name, float value) {
    return proto(name).addFloatData(value).addFloatData(-value).build().toByteArray();
  }

  private Path file(String path, byte[] content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private static List<String> visit(Dataset samples) {
    List<String> seen = new ArrayList<>();
    samples.forEach(
        (index, sample) -> {
          sample.forEach(
              (name, tensor) -> seen.add(index + " " + name + " " + tensor.toFloatArray()[0]));
          return true;
        });
    return seen;
  }

  @Test
  void subfoldersAndArchivesAreSamplesInTheOrderOfTheirNames() throws IOException {
    file("s1/x.npy", npy(1));
    file("s1/input_1.pb", pb("mask", 2));
    file("s1/input_2.pb", pb("", 3));
    file("s1/output_0.pb", pb("y", 9));
    file("s1/.hidden", new byte[1]);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(archive)) {
      zip.putNextEntry(new ZipEntry("x.npy"));
      zip.write(npy(4));
    }
    file("s0.npz", archive.toByteArray());
    Dataset samples = SampleFolder.open(folder);
    List<String> expected = List.of("0 x 4.0", "1 mask 2.0", "1 input_2 3.0", "1 x 1.0");
    assertEquals(2, samples.size().orElseThrow());
    assertEquals(expected, visit(samples));
    assertEquals(expected, visit(samples));
  }

  @Test
  void theTestDataOfAnOnnxModelIsOpenedAsItIs() throws IOException {
    file("model.onnx", new byte[1]);
    file("test_data_set_0/input_0.pb", pb("x", 1));
    file("test_data_set_0/output_0.pb", pb("y", 2));
    file("test_data_set_1/input_0.pb", pb("x", 3));
    assertEquals(List.of("0 x 1.0", "1 x 3.0"), visit(SampleFolder.open(folder)));
  }

  @Test
  void rawBytesAndTextOfATensorProtoAreRead() throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(5).putFloat(6);
    TensorProto floats = proto("x").setRawData(ByteString.copyFrom(raw.array())).build();
    TensorProto text =
        TensorProto.newBuilder()
            .setName("words")
            .setDataType(DataType.STRING.onnxCode())
            .addDims(1)
            .addStringData(ByteString.copyFromUtf8("Grüße"))
            .build();
    file("s/a.pb", floats.toByteArray());
    file("s/b.pb", text.toByteArray());
    SampleFolder.open(folder)
        .forEach(
            (index, sample) -> {
              assertEquals(Set.of("x", "words"), sample.keySet());
              assertArrayEquals(new float[] {5, 6}, sample.get("x").toFloatArray());
              assertEquals(List.of("Grüße"), sample.get("words").strings());
              return true;
            });
  }

  @Test
  void foldersWithoutSamplesOrWithSomethingElseAreRefused() throws IOException {
    assertTrue(openRefusal(folder.resolve("missing")).contains("missing"));
    assertTrue(openRefusal(folder).contains("no samples"));
    file("readme.txt", new byte[1]);
    assertTrue(openRefusal(folder).contains("readme.txt"));
  }

  private static String openRefusal(Path path) {
    return assertThrows(InfercException.class, () -> SampleFolder.open(path)).getMessage();
  }

  @Test
  void badSamplesAreRefusedWithTheirPlace() throws IOException {
    assertTrue(sampleRefusal("a.png", new byte[1]).contains("a.png"));
    assertTrue(sampleRefusal("a.npy", new byte[1]).contains("a.npy"));
    assertTrue(sampleRefusal("a.pb", new byte[] {1, 2, 3}).contains("a.pb"));
    assertTrue(sampleRefusal("output_0.pb", pb("y", 1)).contains("no tensors"));
    TensorProto tooFew = proto("x").addFloatData(1).build();
    assertTrue(sampleRefusal("a.pb", tooFew.toByteArray()).contains("a.pb"));
    TensorProto negative = proto("x").addDims(-3).build();
    assertTrue(sampleRefusal("a.pb", negative.toByteArray()).contains("a.pb"));
    TensorProto unknown = TensorProto.newBuilder().setDataType(99).build();
    assertTrue(sampleRefusal("a.pb", unknown.toByteArray()).contains("a.pb"));
  }

  @Test
  void valuesInOtherFilesAreRefused() throws IOException {
    TensorProto external =
        proto("x")
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("../secret"))
            .build();
    String said = sampleRefusal("a.pb", external.toByteArray());
    assertTrue(said.contains("another file"), said);
  }

  @Test
  void twoFilesForOneInputAreRefused() throws IOException {
    file("s/x.npy", npy(1));
    String said = sampleRefusal("a.pb", pb("x", 2));
    assertTrue(said.contains("'x'"), said);
  }

  private String sampleRefusal(String name, byte[] content) throws IOException {
    Path file = file("s/" + name, content);
    Dataset samples = SampleFolder.open(folder);
    String said = assertThrows(InfercException.class, () -> visit(samples)).getMessage();
    Files.delete(file);
    return said;
  }
}
