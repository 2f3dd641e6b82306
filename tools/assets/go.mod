// Modules that a rehearsal reads files from but does not build. A module of its own, so that their needs
// do not move the versions of the programs in ../go.mod.
module tideline/tools/assets

go 1.24.0

// Argo CD's CustomResourceDefinitions (manifests/crds).
require github.com/argoproj/argo-cd/v3 v3.2.5 // indirect
