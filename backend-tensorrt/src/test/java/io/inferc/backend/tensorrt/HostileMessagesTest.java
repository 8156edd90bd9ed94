package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.testing.HostileText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostileMessagesTest {
  @Test
  void longMetadataOfLayersIsReadQuickly() {
    HostileText.assertReadQuickly(LayerInformation::nodes);
  }

  @Test
  void longNamesOfLayersAreReadQuickly() {
    ObjectMapper json = new ObjectMapper();
    HostileText.assertReadQuickly(
        t ->
            LayerInformation.read(
                "m",
                json.valueToTree(
                        Map.of(
                            "Layers",
                            List.of(
                                Map.of(
                                    "Name",
                                    "layer",
                                    "LayerType",
                                    t,
                                    "Outputs",
                                    List.of(Map.of("Format/Datatype", t))))))
                    .toString()));
  }

  @Test
  void longWordsOfTheLoaderAreReadQuickly() {
    HostileText.assertReadQuickly(MissingLibrary::name);
  }

  @Test
  void theMissingLibraryIsNamed() {
    assertEquals(
        Optional.of("libcudart.so.12"),
        MissingLibrary.name(
            "/tmp/libjni.so: libcudart.so.12: cannot open shared object file: No such file"));
    assertEquals(
        Optional.of("libb.so"),
        MissingLibrary.name(
            "x: cannot open shared object file; libb.so: cannot open shared object file"));
    assertEquals(Optional.empty(), MissingLibrary.name("libcudart.so.12: wrong ELF class"));
  }
}
