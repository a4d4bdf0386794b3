NAMES=("x",)
def run_bench(n): return []
