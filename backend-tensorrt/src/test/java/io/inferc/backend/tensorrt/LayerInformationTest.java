package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.runtime.KernelInfo;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayerInformationTest {
  @Test
  void aDetailedLayerTellsItsKernelPrecisionAndNodes() {
    String json =
        """
        {"Layers": [{
          "Name": "/encoder/MatMul+/encoder/Add",
          "LayerType": "gemm",
          "Inputs": [{"Name": "x", "Dimensions": [8, 384], "Format/Datatype": "Row major linear FP16 format"}],
          "Outputs": [{"Name": "y", "Dimensions": [8, 384], "Format/Datatype": "Row major linear FP16 format"}],
          "TacticName": "sm90_xmma_gemm_f16f16",
          "StreamId": 0,
          "Metadata": "[ONNX Layer: /encoder/MatMul]\\u001e[ONNX Layer: /encoder/Add]"
        }, {
          "Name": "Reformatting CopyNode for Input Tensor 0",
          "LayerType": "Reformat",
          "Inputs": [{"Name": "x", "Format/Datatype": "Int8"}],
          "Outputs": [],
          "TacticName": "",
          "Metadata": ""
        }], "Bindings": ["x", "y"]}
        """;
    assertEquals(
        List.of(
            new KernelInfo(
                "/encoder/MatMul+/encoder/Add",
                "gemm sm90_xmma_gemm_f16f16",
                Optional.of("FP16"),
                List.of("/encoder/MatMul", "/encoder/Add"),
                Optional.empty()),
            new KernelInfo(
                "Reformatting CopyNode for Input Tensor 0",
                "Reformat",
                Optional.of("INT8"),
                List.of(),
                Optional.empty())),
        LayerInformation.read("m", json));
  }

  @Test
  void aProductOfIntegersComputesInIntegersWhateverItReturns() {
    String json =
        """
        {"Layers": [{
          "Name": "__myl_Fc_myl0_3",
          "LayerType": "gemm",
          "Inputs": [{"Name": "x", "Format/Datatype": "Int8"}, {"Name": "s", "Format/Datatype": "Half"}],
          "Outputs": [{"Name": "y", "Format/Datatype": "Half"}],
          "TacticName": "sm80_xmma_gemm_i8f16_i8i32_f32_tn_n",
          "Metadata": "[ONNX Layer: mm]"
        }, {
          "Name": "__myl_Quan_myl0_2",
          "LayerType": "kgen",
          "Inputs": [{"Name": "x", "Format/Datatype": "Half"}],
          "Outputs": [{"Name": "y", "Format/Datatype": "Int8"}],
          "TacticName": "__myl_Quan_0x12"
        }]}
        """;
    List<KernelInfo> kernels = LayerInformation.read("m", json);
    assertEquals(Optional.of("INT8"), kernels.get(0).precision());
    assertEquals(Optional.of("INT8"), kernels.get(1).precision());
  }

  @Test
  void theWordsOfBothVersionsForAPrecisionAreOne() {
    for (List<String> words :
        List.of(
            List.of("Half", "FP16"),
            List.of("Float", "FP32"),
            List.of("Row major linear FP32", "FP32"),
            List.of("BFloat16", "BF16"),
            List.of("Thirty-two wide channel vectorized row major Int8 format", "INT8"),
            List.of("Bool", "BOOL"))) {
      String json =
          "{\"Layers\":[{\"Name\":\"a\",\"LayerType\":\"t\",\"Outputs\":[{\"Format/Datatype\":\""
              + words.get(0)
              + "\"}]}]}";
      assertEquals(Optional.of(words.get(1)), LayerInformation.read("m", json).get(0).precision());
    }
  }

  @Test
  void layersOfWhichOnlyNamesAreKeptAreStillListedAndNamesStayUnique() {
    List<KernelInfo> kernels =
        LayerInformation.read("m", "{\"Layers\": [\"conv\", \"conv\", \"relu\"]}");
    assertEquals(
        List.of("conv", "conv #2", "relu"), kernels.stream().map(KernelInfo::name).toList());
    assertEquals(Optional.empty(), kernels.get(0).precision());
  }

  @Test
  void textThatIsNoJsonIsSaid() {
    InfercException e =
        assertThrows(InfercException.class, () -> LayerInformation.read("m", "{\"Layers\": ["));
    assertTrue(e.getMessage().contains("kernels of the model m"), e.getMessage());
  }
}
