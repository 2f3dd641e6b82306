// Karpenter's CustomResourceDefinitions (pkg/apis/crds) and its chart: files are read, and nothing is built. A module of
// its own, because its version must not decide whether the programs of the other modules are built again.
module tideline/tools/karpenter

go 1.26.6

require github.com/aws/karpenter-provider-aws v1.14.1 // indirect
