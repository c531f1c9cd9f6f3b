import Laboratory

Laboratory.main(workloads: [], name: "scalemodel")
